/**
 * `npm run bench:check`: whether every peer that can run here computes what webkan computes (peers/check.ts). `npm test` does not
 * do this: peers are 85 MB of other people's software that nothing else needs. The benchmark does it too, before it times a peer.
 */
import { closeDawn, openDawn, restartWithSoftwareVulkan } from './dawn.ts'
import { checkPeer } from './peers/check.ts'
import { listPeers } from './peers/index.ts'
import { reasonOf } from './timing.ts'

/** One line a peer. Returns whether none of them disagrees. */
async function checkAll(): Promise<boolean> {
  const place = await openDawn()
  const peers = listPeers({ software: 'allow', gpu: 'gpu' in place ? place.gpu : undefined })
  let agree = true
  for (const peer of peers) {
    const missing = await peer.missing()
    if (missing !== undefined) {
      console.log(`-   ${peer.name}: ${missing}`)
      continue
    }
    try {
      const { agrees, errors, allowed } = await checkPeer(peer)
      agree &&= agrees
      const shares = (['loss', 'gradients', 'descent'] as const).map(
        name => `${name} ${errors[name].toExponential(1)} (at most ${allowed[name].toExponential(1)})`,
      )
      console.log(`${agrees ? 'ok ' : 'NOT'} ${peer.name}: ${shares.join(', ')}`)
    } catch (error) {
      agree = false
      console.log(`NOT ${peer.name}: ${reasonOf(error)}`)
    }
  }
  for (const peer of peers) await peer.destroy?.()
  closeDawn()
  return agree
}

if (!(await restartWithSoftwareVulkan())) process.exitCode = (await checkAll()) ? 0 : 1
