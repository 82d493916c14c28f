package dev.portcullis.qemu.run;

import dev.portcullis.qemu.install.QemuVersion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/// The machine to start: a q35 whose memory is shared with us, with nothing in it but what is asked
/// for here. The order of devices is the order of the calls: QEMU's own `intel-iommu`, for one,
/// must come before what it shall cover.
public final class QemuCommandLine {

  /// Where the first serial port of the machine leads.
  public enum ConsoleKind {
    /// To us, see [Console].
    CAPTURED,
    /// To the terminal of this process, with QEMU's own keys: Ctrl-A X ends QEMU.
    TERMINAL
  }

  /// What happens when the guest resets the machine.
  public enum OnReset {
    /// QEMU ends. A kernel that panics with `panic=-1` ends the run so.
    EXIT,
    /// The machine starts anew.
    RESTART
  }

  private record Window(Path file, long offsetBytes) {}

  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern SLOT = Pattern.compile("[0-9a-f]{1,2}(\\.[0-7])?");
  private static final Pattern CHANNEL = Pattern.compile("[a-z]{1,16}");

  private int memoryMebibytes = 512;
  private Optional<Window> window = Optional.empty();
  private int processors = 1;
  private Accelerator accelerator = Accelerator.TCG;
  private ConsoleKind console = ConsoleKind.CAPTURED;
  private OnReset onReset = OnReset.EXIT;
  private Optional<Path> kernel = Optional.empty();
  private Optional<Path> initramfs = Optional.empty();
  private final List<String> kernelParameters = new ArrayList<>();
  private final List<String> channels = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();

  /// A machine of 512 MiB and one processor.
  public QemuCommandLine() {}

  public QemuCommandLine memoryMebibytes(int size) {
    memoryMebibytes = size;
    return this;
  }

  /// Has memory be part of a file, shared with whoever else maps it. The size must be said, too.
  ///
  /// What vfio-user servers are told about it leaves `offsetBytes` out.
  ///
  /// @param offsetBytes where in the file address 0 is, a multiple of 4096
  public QemuCommandLine memoryFile(Path file, long offsetBytes) {
    window = Optional.of(new Window(file, offsetBytes));
    return this;
  }

  public QemuCommandLine processors(int count) {
    processors = count;
    return this;
  }

  public QemuCommandLine accelerator(Accelerator choice) {
    accelerator = choice;
    return this;
  }

  public QemuCommandLine console(ConsoleKind kind) {
    console = kind;
    return this;
  }

  public QemuCommandLine onReset(OnReset choice) {
    onReset = choice;
    return this;
  }

  /// Boots a kernel directly.
  public QemuCommandLine kernel(Path image, Path initialFileSystem) {
    kernel = Optional.of(image);
    initramfs = Optional.of(initialFileSystem);
    return this;
  }

  /// Adds words to the kernel's command line. It names the serial console and a restart after a
  /// panic already.
  public QemuCommandLine append(String parameters) {
    kernelParameters.add(parameters);
    return this;
  }

  /// Adds an ACPI table: the file holds all of it, header and checksum included.
  public QemuCommandLine acpiTable(Path file) {
    return argument("-acpitable", "file=" + escape(file));
  }

  /// Attaches a device that a vfio-user server provides.
  ///
  /// @param slot device number on the root bus, with or without function: `5`, `1e.0` (hexadecimal)
  /// @param socket where the server listens
  public QemuCommandLine vfioUser(String slot, Path socket) {
    if (!SLOT.matcher(slot).matches()) {
      throw new IllegalArgumentException("not a slot of a PCI bus: " + slot);
    }
    var device = JSON.createObjectNode();
    device.put("driver", "vfio-user-pci");
    device.put("addr", slot);
    device.putObject("socket").put("type", "unix").put("path", socket.toString());
    return argument("-device", device.toString());
  }

  /// Has the machine begin with a firmware of one's own.
  public QemuCommandLine firmware(Path file) {
    return argument("-bios", file.toString());
  }

  /// Attaches one of QEMU's own devices, written as for `-device`.
  public QemuCommandLine device(String description) {
    return argument("-device", description);
  }

  /// Lets the processor stand still, and somebody who listens at `socket` drive the machine.
  public QemuCommandLine qtest(Path socket) {
    return accelerator(Accelerator.QTEST)
        .argument("-qtest", "unix:" + escape(socket), "-qtest-log", "none");
  }

  /// Adds arguments as they are.
  public QemuCommandLine argument(String... words) {
    arguments.addAll(List.of(words));
    return this;
  }

  /// Adds a serial port that leads to us, see [QemuProcess#channel]. The console is the first port;
  /// these follow in the order of the calls, up to three.
  public QemuCommandLine channel(String name) {
    if (!CHANNEL.matcher(name).matches() || channels.contains(name) || channels.size() == 3) {
      throw new IllegalArgumentException("cannot add a channel: " + name);
    }
    channels.add(name);
    return this;
  }

  /// The same machine, to be changed independently.
  public QemuCommandLine copy() {
    var copy = new QemuCommandLine();
    copy.memoryMebibytes = memoryMebibytes;
    copy.window = window;
    copy.processors = processors;
    copy.accelerator = accelerator;
    copy.console = console;
    copy.onReset = onReset;
    copy.kernel = kernel;
    copy.initramfs = initramfs;
    copy.kernelParameters.addAll(kernelParameters);
    copy.channels.addAll(channels);
    copy.arguments.addAll(arguments);
    return copy;
  }

  ConsoleKind consoleKind() {
    return console;
  }

  /// The sockets on which we must listen before QEMU starts: it connects to each.
  List<String> sockets() {
    var names = new ArrayList<>(List.of("qmp"));
    if (console == ConsoleKind.CAPTURED) {
      names.add("console");
    }
    names.addAll(channels);
    return names;
  }

  /// All arguments.
  ///
  /// @param folder where the sockets lie
  /// @param version of the QEMU that will get them
  public List<String> arguments(Path folder, QemuVersion version) {
    var words = new ArrayList<String>();
    words.addAll(List.of("-nodefaults", "-no-user-config", "-nic", "none", "-display", "none"));
    words.addAll(List.of("-machine", "q35,memory-backend=memory"));
    words.addAll(
        List.of(
            "-object",
            backend(),
            "-m",
            memoryMebibytes + "M",
            "-smp",
            Integer.toString(processors)));
    words.addAll(accelerator.arguments());
    if (onReset == OnReset.EXIT) {
      words.add("-no-reboot");
    }
    if (version.atLeast(QemuVersion.FIRST_WITH_EXIT_WITH_PARENT)) {
      words.addAll(List.of("-run-with", "exit-with-parent=on"));
    }
    kernel.ifPresent(image -> words.addAll(List.of("-kernel", image.toString())));
    initramfs.ifPresent(file -> words.addAll(List.of("-initrd", file.toString())));
    kernel.ifPresent(_ -> words.addAll(List.of("-append", kernelCommandLine())));
    words.addAll(serialPorts(folder));
    words.addAll(arguments);
    return List.copyOf(words);
  }

  private String backend() {
    String size = "id=memory,size=%dM,share=on".formatted(memoryMebibytes);
    return window
        .map(part ->
            "memory-backend-file,%s,mem-path=%s,offset=%d"
                .formatted(size, escape(part.file()), part.offsetBytes()))
        .orElse("memory-backend-memfd," + size);
  }

  /// What the kernel is told: all words, in their order.
  public String kernelCommandLine() {
    var words = new ArrayList<>(List.of("console=ttyS0", "panic=-1"));
    words.addAll(kernelParameters);
    return String.join(" ", words);
  }

  private List<String> serialPorts(Path folder) {
    var words = new ArrayList<String>();
    words.addAll(socket("qmp", folder));
    words.addAll(List.of("-qmp", "chardev:qmp"));
    if (console == ConsoleKind.CAPTURED) {
      words.addAll(socket("console", folder));
    } else {
      words.addAll(List.of("-chardev", "stdio,id=console,mux=on,signal=off"));
      words.addAll(List.of("-monitor", "chardev:console"));
    }
    words.addAll(List.of("-serial", "chardev:console"));
    for (String channel : channels) {
      words.addAll(socket(channel, folder));
      words.addAll(List.of("-serial", "chardev:" + channel));
    }
    return words;
  }

  private static List<String> socket(String name, Path folder) {
    return List.of(
        "-chardev", "socket,id=%s,path=%s".formatted(name, escape(folder.resolve(name))));
  }

  /// QEMU's option syntax separates by commas; a comma inside a value is doubled.
  private static String escape(Path file) {
    return file.toString().replace(",", ",,");
  }
}
