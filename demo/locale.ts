/**
 * To be imported before uPlot, which asks Intl for the browser's language while it loads: Chrome started with LANG=C (as in
 * containers) calls its language 'en-US@posix', which Intl refuses with a RangeError.
 */
try {
  Intl.NumberFormat(navigator.language)
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en' })
}
