package dev.portcullis.qemu.install;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/// The right to change the cache: one thread of one process at a time. The operating system takes
/// it back from a process that dies.
final class CacheLock implements AutoCloseable {

  /// A file lock belongs to the whole process, so threads of this one take turns here first.
  private static final ReentrantLock THREADS = new ReentrantLock();

  private final FileChannel file;

  private CacheLock(FileChannel file) {
    this.file = file;
  }

  /// Waits for the lock.
  ///
  /// @param onWait told once if it is not free at once
  static CacheLock acquire(Path home, Runnable onWait) throws IOException, InterruptedException {
    THREADS.lockInterruptibly();
    try {
      Files.createDirectories(home);
      var file =
          FileChannel.open(
              home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock free = file.tryLock();
      if (free == null) {
        onWait.run();
        file.lock();
      }
      return new CacheLock(file);
    } catch (IOException | RuntimeException e) {
      THREADS.unlock();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      file.close();
    } finally {
      THREADS.unlock();
    }
  }
}
