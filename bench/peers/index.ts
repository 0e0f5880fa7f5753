import type { Peer, PeerHost } from './peer.ts'

/** All peers, whether they can run here or not. */
export function listPeers(_host: PeerHost): Peer[] {
  return []
}
