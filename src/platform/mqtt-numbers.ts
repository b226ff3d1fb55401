/**
 * Imported for what it does. mqtt-packet, inside aedes and mqtt, makes each of the 65,536 numbers of two bytes before it
 * writes its first packet: a tenth of a second and 15 MB of every process that speaks MQTT, to save one small allocation
 * a packet.
 */
import mqttPacket from 'mqtt-packet'

mqttPacket.writeToStream.cacheNumbers = false
