package dev.portcullis.vmm.platform.control;

import dev.portcullis.vmm.console.Output;
import java.io.IOException;
import java.util.Optional;

/// A partition's console, at the person's end of what leads there. One thread reads, another may
/// write.
public interface ConsoleEnd {

  /// What comes next, waiting for it; nothing at the end.
  Optional<Output> next() throws IOException;

  /// Types. Whether it may, a notice says if not.
  void type(String keys) throws IOException;

  /// Writes from now on, whoever did so far.
  void takeOver() throws IOException;

  /// Leaves: [#next] comes to its end.
  void leave() throws IOException;
}
