import { nodePeers } from './node.ts'
import type { Peer, PeerHost } from './peer.ts'
import { torchPeers } from './torch.ts'

/** All peers, whether they can run here or not. Tensorgrad is none: the npm registry had no such package when this was written. */
export function listPeers(host: PeerHost): Peer[] {
  return [...nodePeers(host), ...torchPeers()]
}
