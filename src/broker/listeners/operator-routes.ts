/** What HTTP tells those who run the broker: whether it is alive, whether it is ready, and its figures. */
import type { Route, Routes } from './http.ts'

interface OperatorSources {
  /** Why the broker is not ready; none where it is. */
  readonly reasons: () => readonly string[]
  /** The text that Prometheus reads, version 0.0.4. */
  readonly metrics: () => Promise<string>
}

/** `/healthz` answers as long as the process does; `/healthz/readiness` says 503 with the reasons, where there are any. */
export const operatorRoutes = ({ reasons, metrics }: OperatorSources): Routes =>
  new Map<string, Route>([
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
    ['/metrics', async () => ({ status: 200, type: METRICS_TYPE, body: await metrics() })],
  ])

/** Source: Prometheus, exposition formats, text-based format. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
