/** Whether the broker is alive, and whether it is ready: for whoever supervises it. */
import type { Routes } from './http.ts'

/** `/healthz` answers as long as the process does; `/healthz/readiness` says 503 with `reasons`, where there are any. */
export const healthRoutes = (reasons: () => readonly string[]): Routes =>
  new Map([
    ['/healthz', () => ({ status: 200, type: 'text/plain; charset=utf-8', body: 'ok\n' })],
    [
      '/healthz/readiness',
      () => {
        const against = reasons()
        const ready = against.length === 0
        const body = `${JSON.stringify({ ready, reasons: against })}\n`
        return { status: ready ? 200 : 503, type: 'application/json', body }
      },
    ],
  ])
