package dev.portcullis.vmm.filter.rule;

/// A part of a rule: it matches or not, does something, or decides.
public sealed interface Part {

  /// Compares a field of the frame. A frame that does not have the field does not match, whatever
  /// the comparison.
  record Match(Field field, Comparison comparison, Operand operand) implements Part {}

  /// Looks at TCP flags.
  ///
  /// @param mask which flags are looked at, see [dev.portcullis.net.packet.TcpFlags]
  /// @param value which of them are to be set
  record Flags(FlagTest test, int mask, int value) implements Part {}

  /// What is asked of TCP flags.
  enum FlagTest {
    /// One of them at least is set.
    ANY,
    /// Those of the value are set, the others are not.
    EQUAL,
    NOT_EQUAL
  }

  /// Matches as long as frames come slowly, or once they do not.
  ///
  /// @param frames so many
  /// @param unit in so long
  /// @param burst so many at once: 1 or more
  record Limit(Side side, long frames, Unit unit, int burst) implements Part {
    /// What is given if nothing is said.
    public static final int USUAL_BURST = 5;
  }

  /// Which frames a limit matches.
  enum Side {
    WITHIN,
    OVER
  }

  /// Counts.
  ///
  /// @param frames so far
  /// @param bytes so far
  record Counter(long frames, long bytes) implements Part {
    public static final Counter ZERO = new Counter(0, 0);
  }

  /// Tells the log.
  ///
  /// @param prefix what its line begins with; may be empty
  record Log(String prefix) implements Part {}

  /// Decides.
  sealed interface Verdict extends Part {}

  /// Decisions that need no more words.
  enum Simple implements Verdict {
    /// The frame passes this chain; chains of higher priority are still asked.
    ACCEPT,
    DROP,
    /// Back to the rule after the jump that led here; in a base chain, the policy decides.
    RETURN
  }

  /// Drops the frame, and tells its sender.
  record Reject(RejectWith with) implements Verdict {}

  /// Asks another chain, and comes back if it does not decide.
  record Jump(String chain) implements Verdict {}

  /// Asks another chain, and does not come back: at its end, what follows the last jump follows.
  record Goto(String chain) implements Verdict {}
}
