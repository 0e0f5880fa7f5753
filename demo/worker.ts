// The CPU engine, in a thread of its own: it serves whoever made this worker.
// oxlint-disable-next-line import/no-unassigned-import -- serving is its effect
import 'webkan/worker'
