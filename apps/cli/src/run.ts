import type { DeviceInfo, InitOptions } from '@adjoint/tensor';
import type { Command, commonOptions, Report } from './command.js';
import { commands } from './commands/index.js';
import { exitCodes, judge } from './failure.js';
import { helpText, overview } from './help.js';
import { nearest } from './nearest.js';
import type { Values } from './option.js';
import { parseCommandLine } from './parse.js';
import { ProgressBar, type ProgressStream } from './progress.js';
import { quoteWords } from './session.js';
import { ownVersion } from './version.js';

/** The world around a command. */
export interface Surroundings {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressStream;
  /** Stops the command: it writes nothing, and its exit code is 130. */
  readonly signal: AbortSignal;
}

const ownSurroundings = (): Surroundings => ({
  stdout: process.stdout,
  stderr: process.stderr,
  signal: new AbortController().signal,
});

/**
 * Runs a command line and gives its exit code: 0 done, 1 failed, 2 wrong command line or input, 130 interrupted.
 * Results go to standard output; progress, warnings and errors go to standard error. The command's device becomes the
 * current one, and is disposed of at the end.
 *
 * @param argv the words after `adjoint`
 */
export async function run(
  argv: readonly string[],
  around: Surroundings = ownSurroundings(),
): Promise<number> {
  const [first = '', ...rest] = argv;
  if (first === '--version' || first === '-V') return say(around, `${ownVersion()}\n`);
  if (first === '--help' || first === '-h') return say(around, overview(commands));
  if (first === 'help' && rest[0] === undefined) return say(around, overview(commands));
  const isHelp = first === 'help';
  const name = isHelp ? rest[0]! : first;
  const command = commands.find((item) => item.name === name);
  if (!command) return refuseCommand(name, around);
  return isHelp ? say(around, helpText(command)) : runCommand(command, rest, around);
}

async function runCommand(command: Command, argv: readonly string[], around: Surroundings): Promise<number> {
  const { stdout, stderr, signal } = around;
  let progress: ProgressBar | undefined;
  let devices: LazyDevice | undefined;
  try {
    const { values, isHelp } = parseCommandLine(command, argv);
    if (isHelp) return say(around, helpText(command));
    const chosen = values as Values<typeof commonOptions>;
    const bar = (progress = new ProgressBar(chosen.quiet ? undefined : stderr));
    devices = new LazyDevice(chosen);
    const { device, lightDevice } = devices;
    const warn = (message: string): void => {
      bar.end();
      stderr.write(`adjoint ${command.name}: ${message}\n`);
    };
    const commandLine = quoteWords(['adjoint', command.name, ...argv]);
    const report = await command.run(chosen, { signal, progress, commandLine, device, lightDevice, warn });
    progress.end();
    stdout.write(printed(report, chosen.json));
    return report.isFailure ? exitCodes.failed : exitCodes.done;
  } catch (error) {
    progress?.end();
    const { code, message } = judge(error, signal);
    stderr.write(`adjoint ${command.name}: ${message}\n`);
    return code;
  } finally {
    await devices?.dispose();
  }
}

const printed = ({ json, text }: Report, isJson: boolean): string => {
  const output = isJson ? JSON.stringify(json) : text;
  return output === '' || output.endsWith('\n') ? output : `${output}\n`;
};

/** The library is loaded when the first command needs it: --help and wrong command lines answer at once. */
class LazyDevice {
  private ready: Promise<{ info: DeviceInfo; dispose(): void }> | undefined;

  constructor(private readonly options: Values<typeof commonOptions>) {}

  readonly device = (): Promise<DeviceInfo> => {
    const { device, threads } = this.options;
    return this.once(threads === undefined ? { device } : { device, threads });
  };

  readonly lightDevice = (): Promise<DeviceInfo> => {
    const { device, threads = 0 } = this.options;
    return device === 'auto' ? this.once({ device: 'wasm', threads }) : this.device();
  };

  async dispose(): Promise<void> {
    // What failed to get ready has been reported, and needs no disposal.
    const made = await this.ready?.catch(() => undefined);
    made?.dispose();
  }

  private async once(options: InitOptions): Promise<DeviceInfo> {
    const prepare = async () => {
      const { info, init } = await import('@adjoint/tensor');
      const device = await init(options);
      return { info: info(), dispose: () => device.dispose() };
    };
    return (await (this.ready ??= prepare())).info;
  }
}

function say({ stdout }: Surroundings, text: string): number {
  stdout.write(text);
  return exitCodes.done;
}

function refuseCommand(name: string, { stderr }: Surroundings): number {
  if (name === '') stderr.write(overview(commands));
  else {
    const names = commands.map((command) => command.name);
    const meant = nearest(name, names);
    const hint = meant === undefined ? `commands: ${names.join(', ')}` : `did you mean ${meant}?`;
    stderr.write(`adjoint: there is no command ${name}; ${hint}\n`);
  }
  return exitCodes.refused;
}
