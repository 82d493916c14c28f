package dev.portcullis.vmm.iomodel;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.HashMap;
import java.util.Map;

/// Processor time that Java threads have used since the clock was made; those of the virtual
/// machine itself, such as its compilers', are not among them.
final class CpuClock {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Map<Long, Long> before = nanosByThread();

  CpuClock() {}

  private static Map<Long, Long> nanosByThread() {
    Map<Long, Long> nanos = new HashMap<>();
    for (long id : THREADS.getAllThreadIds()) {
      // -1 for one that has just ended.
      nanos.put(id, Math.max(0, THREADS.getThreadCpuTime(id)));
    }
    return nanos;
  }

  /// What threads have used that still are there: those of the partition `name`, and all others.
  Used used(String name) {
    long partition = 0;
    long others = 0;
    for (Map.Entry<Long, Long> thread : nanosByThread().entrySet()) {
      long nanos = Math.max(0, thread.getValue() - before.getOrDefault(thread.getKey(), 0L));
      ThreadInfo info = THREADS.getThreadInfo(thread.getKey());
      if (info != null && info.getThreadName().startsWith(name + " ")) {
        partition += nanos;
      } else {
        others += nanos;
      }
    }
    return new Used(partition, others);
  }

  /// Processor time in nanoseconds.
  record Used(long partition, long others) {}
}
