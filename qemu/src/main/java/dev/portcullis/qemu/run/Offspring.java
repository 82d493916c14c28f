package dev.portcullis.qemu.run;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/// Processes that end with us.
final class Offspring {

  private static final Set<Process> LIVING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("kill QEMU")
                .unstarted(() -> LIVING.forEach(Process::destroyForcibly)));
  }

  private Offspring() {}

  /// Starts a process on a thread of its own that lives as long as the process: when Linux is asked
  /// to end a process with its parent, the parent is the *thread* that made it.
  static Process start(ProcessBuilder builder) throws IOException, InterruptedException {
    var started = new CompletableFuture<Process>();
    Thread.ofPlatform().daemon().name("QEMU's parent").start(() -> raise(builder, started));
    try {
      return started.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }

  private static void raise(ProcessBuilder builder, CompletableFuture<Process> started) {
    try {
      Process process = builder.start();
      LIVING.add(process);
      started.complete(process);
      process.onExit().join();
      LIVING.remove(process);
    } catch (IOException | RuntimeException e) {
      started.completeExceptionally(e);
    }
  }
}
