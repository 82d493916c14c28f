package dev.portcullis.vfiouser;

import dev.portcullis.linux.Errno;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.vfiouser.client.Bus;
import dev.portcullis.vfiouser.client.VfioUserClient;
import dev.portcullis.vfiouser.server.Capabilities;
import dev.portcullis.vfiouser.server.Endpoint;
import dev.portcullis.vfiouser.server.Limits;
import dev.portcullis.vfiouser.server.VfioUserServer;
import dev.portcullis.vfiouser.wire.ProtocolException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// A [ScratchFunction] served in a fresh folder, and the log of it.
final class Served implements AutoCloseable {
  /// Short, so that a test need not wait long for what takes too long.
  static final Limits HASTY = new Limits(8, Duration.ofSeconds(1), Duration.ofSeconds(1));

  final LogLines log = new LogLines();
  final ScratchFunction function = new ScratchFunction();
  final MemoryMap memory = new MemoryMap();
  final Endpoint endpoint;
  final VfioUserServer server;
  private final Path folder;

  Served() throws IOException {
    this(endpoint -> endpoint);
  }

  Served(UnaryOperator<Endpoint> options) throws IOException {
    folder = Files.createTempDirectory("vfio-user");
    Endpoint usual =
        Endpoint.of(RequesterId.parse("00:05.0"), function, memory)
            .with(Capabilities.FROM_START)
            .with(HASTY);
    endpoint = options.apply(usual);
    server = VfioUserServer.listen(folder.resolve("s"), endpoint);
    function.connect(new Port(), server.intx());
  }

  VfioUserClient client(Bus bus) throws LinuxException, ProtocolException {
    return VfioUserClient.connect(server.socket(), bus);
  }

  VfioUserClient client() throws LinuxException, ProtocolException {
    return client(Bus.empty());
  }

  /// Waits until the server has said farewell to its client.
  void awaitNobody() {
    await(() -> !server.isConnected() && memory.regions().isEmpty());
  }

  /// Waits for up to 10 seconds.
  static void await(BooleanSupplier condition) {
    long begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begin > 10_000_000_000L) {
        throw new AssertionError("it did not happen");
      }
      Thread.onSpinWait();
    }
  }

  /// Runs a call that the server must refuse with `errno`.
  static void assertRefused(Errno errno, ThrowingCallable call) {
    Assertions.assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ProtocolException.class,
            e -> Assertions.assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
  }

  /// Runs `action` and holds it to leaving as many descriptors open as there were.
  static void assertLeaksNothing(Callable<?> action) throws Exception {
    long before = openDescriptors();
    action.call();
    await(() -> openDescriptors() <= before);
  }

  private static long openDescriptors() {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    log.close();
    Files.delete(folder);
  }

  /// Straight to memory, past any unit.
  private final class Port implements UpstreamPort {
    @Override
    public Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes) {
      return completion(memory.read(iova, to, toOffset, lengthBytes));
    }

    @Override
    public Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes) {
      return completion(memory.write(iova, from, fromOffset, lengthBytes));
    }

    @Override
    public Completion zeroLengthRead(long iova) {
      return Completion.SUCCESS;
    }

    @Override
    public Completion message(long address, int data) {
      return completion(server.postMessage(address, data));
    }

    private static Completion completion(boolean done) {
      return done ? Completion.SUCCESS : Completion.UNSUPPORTED_REQUEST;
    }
  }
}
