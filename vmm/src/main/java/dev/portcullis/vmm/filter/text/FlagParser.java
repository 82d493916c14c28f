package dev.portcullis.vmm.filter.text;

import dev.portcullis.vmm.filter.rule.Part;
import dev.portcullis.vmm.filter.rule.Part.FlagTest;
import dev.portcullis.vmm.filter.rule.Part.Flags;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.text.Token.Kind;
import java.util.Arrays;

/// Reads what is asked of TCP flags.
///
/// ```
/// flags = "tcp flags" ( list [ "/" list ] | "!" list | comparison list [ "/" list ]
///       | "&" mask comparison mask )
/// list  = flag { "," flag }
/// mask  = flag | "(" flag { "|" flag } ")"
/// ```
final class FlagParser {
  private static final int ALL = 0xff;

  private final Tokens in;

  FlagParser(Tokens in) {
    this.in = in;
  }

  /// What follows `tcp flags`.
  Part parse() throws RulesetException {
    if (in.takes("!")) {
      return new Flags(FlagTest.EQUAL, parseFlags(","), 0);
    }
    if (in.takes("&")) {
      int mask = parseMask();
      FlagTest test = parseComparison();
      return new Flags(test, mask, parseMask());
    }
    boolean compared = in.isAt("==") || in.isAt("!=");
    FlagTest test = compared ? parseComparison() : FlagTest.ANY;
    int flags = parseFlags(",");
    if (in.takes("/")) {
      int mask = parseFlags(",");
      return new Flags(test == FlagTest.ANY ? FlagTest.EQUAL : test, mask, flags);
    }
    return compared ? new Flags(test, ALL, flags) : new Flags(FlagTest.ANY, flags, 0);
  }

  private FlagTest parseComparison() throws RulesetException {
    if (in.takes("==")) {
      return FlagTest.EQUAL;
    }
    in.want("!=");
    return FlagTest.NOT_EQUAL;
  }

  private int parseMask() throws RulesetException {
    if (!in.takes("(")) {
      return parseFlag();
    }
    int mask = parseFlags("|");
    in.want(")");
    return mask;
  }

  private int parseFlags(String between) throws RulesetException {
    int flags = parseFlag();
    while (in.takes(between)) {
      flags |= parseFlag();
    }
    return flags;
  }

  private int parseFlag() throws RulesetException {
    for (Flag flag : Flag.values()) {
      if (in.isAt(Kind.WORD) && in.takes(flag.word())) {
        return flag.bit();
      }
    }
    if (in.isAt(Kind.WORD) && in.peek().text().matches("0x[0-9a-f]{1,2}")) {
      return Integer.decode(in.take().text());
    }
    throw in.unexpected(
        "one of " + String.join(", ", Arrays.stream(Flag.values()).map(Flag::word).toList()));
  }
}
