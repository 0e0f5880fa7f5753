/**
 * Chromium out of the npm package `@sparticuz/chromium` (Linux x64): a headless shell with SwiftShader and the four
 * system libraries that a bare machine lacks. The package's own unpacking is not used: it goes to the fixed folder
 * /tmp/chromium, where an older version or half a file is taken for the real thing.
 */
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { brotliDecompress, createBrotliDecompress } from 'node:zlib'
import type { FoundBrowser } from './browser.ts'
import { readTar } from './tar.ts'

const packageName = '@sparticuz/chromium'
const archives = ['swiftshader.tar.br', 'al2023.tar.br', 'fonts.tar.br'] as const

/** The package's own file looks for fonts in /tmp/fonts and /opt/fonts. */
const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`

/**
 * Unpacks the package once into `node_modules/.cache/webkan-chromium-<version>` and says how to start it.
 * The folder appears whole (a temporary folder is renamed), so parallel and interrupted runs are safe.
 *
 * @returns undefined when the package is not installed or this is not Linux on x64
 */
export async function unpackChromiumPackage(): Promise<FoundBrowser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const root = packageRoot()
  if (!root) return undefined
  const version = packageVersion(root)
  const folder = join(root, '..', '..', '.cache', `webkan-chromium-${version}`)
  if (!existsSync(folder)) await unpackInto(folder, join(root, 'bin'))
  const libraries = [join(folder, 'lib'), process.env['LD_LIBRARY_PATH']].filter(path => path).join(':')
  return {
    executablePath: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: libraries, FONTCONFIG_PATH: folder },
    source: `${packageName} ${version}`,
  }
}

async function unpackInto(folder: string, bin: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const temporary = await mkdtemp(`${folder}-`)
  try {
    await Promise.all([
      pipeline(
        createReadStream(join(bin, 'chromium.br')),
        createBrotliDecompress({ chunkSize: 1 << 21 }),
        createWriteStream(join(temporary, 'chromium'), { mode: 0o755 }),
      ),
      ...archives.map(archive => untar(join(bin, archive), temporary)),
    ])
    await writeFile(join(temporary, 'fonts.conf'), fontsConf)
    await rename(temporary, folder)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    // Another run was faster: its folder is as good as ours.
    if (!existsSync(folder)) throw error
  }
}

async function untar(archive: string, folder: string): Promise<void> {
  const bytes = await promisify(brotliDecompress)(await readFile(archive))
  for (const { name, mode, content } of readTar(bytes)) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content, { mode })
  }
}

function packageRoot(): string | undefined {
  try {
    // .../@sparticuz/chromium/build/cjs/index.cjs: the package exports nothing nearer to its root.
    return join(dirname(createRequire(import.meta.url).resolve(packageName)), '..', '..')
  } catch {
    return undefined
  }
}

function packageVersion(root: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return manifest instanceof Object && 'version' in manifest ? String(manifest.version) : 'unknown'
}
