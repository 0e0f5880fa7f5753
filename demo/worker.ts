// The CPU engine, in a thread of its own: it serves whoever made this worker.
import 'webkan/worker'
