import { chromePeers } from './chrome.ts'
import { nodePeers } from './node.ts'
import type { Peer, PeerHost } from './peer.ts'
import { torchPeers } from './torch.ts'

/** All peers, whether they can run here or not. Tensorgrad is not among them: the npm registry has no such package (2026-11). */
export function listPeers(host: PeerHost): Peer[] {
  return [...nodePeers(host), ...chromePeers(), ...torchPeers()]
}
