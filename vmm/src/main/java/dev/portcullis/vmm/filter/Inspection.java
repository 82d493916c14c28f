package dev.portcullis.vmm.filter;

import java.util.Optional;

/// One frame under the rules that were in force when it arrived; of one thread.
public interface Inspection {
  /// Judges the frame at a hook.
  ///
  /// @param out the port it is about to leave by; empty where nobody knows yet
  Decision judge(Hook hook, String out);

  /// The frame that tells the sender, after the last decision was [Decision#REJECT]: without tags,
  /// from the destination's address. There may be none: some frames must not be answered.
  Optional<byte[]> answer();
}
