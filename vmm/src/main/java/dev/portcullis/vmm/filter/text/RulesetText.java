package dev.portcullis.vmm.filter.text;

import dev.portcullis.vmm.filter.rule.Checks;
import dev.portcullis.vmm.filter.rule.Place;
import dev.portcullis.vmm.filter.rule.Rule;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.RulesetException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// Rulesets as text, in a part of nft's language: see docs/services/bridge.md.
public final class RulesetText {
  private static final int MOST_BYTES = 1 << 20;

  private RulesetText() {}

  /// Reads a file.
  ///
  /// @throws RulesetException with file, line and what is wrong there
  public static Ruleset read(Path file) throws RulesetException {
    String name = file.toString();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new RulesetException(name, 1, "larger than 1 MiB: no ruleset");
      }
      var decoder = StandardCharsets.UTF_8.newDecoder();
      return parse(name, decoder.decode(ByteBuffer.wrap(bytes)).toString());
    } catch (NoSuchFileException absent) {
      throw new RulesetException(name, 1, "there is no such file");
    } catch (CharacterCodingException e) {
      throw new RulesetException(name, 1, "no text in UTF-8");
    } catch (IOException e) {
      throw new RulesetException(name, 1, "cannot be read: " + e.getMessage());
    }
  }

  /// Reads a text, and checks that it makes sense.
  ///
  /// @param file what messages call it
  /// @throws RulesetException with file, line and what is wrong there
  public static Ruleset parse(String file, String text) throws RulesetException {
    if (text.length() > MOST_BYTES) {
      throw new RulesetException(file, 1, "larger than 1 MiB: no ruleset");
    }
    Map<Place, Integer> lines = new HashMap<>();
    Tokens tokens = new Tokens(file, Lexer.tokens(file, text));
    Ruleset ruleset = new RulesetParser(tokens, lines).parse();
    try {
      Checks.check(ruleset);
    } catch (RulesetException e) {
      throw new RulesetException(file, lines.getOrDefault(e.place(), 1), e.reason());
    }
    return ruleset;
  }

  /// Writes a ruleset, as `nft list ruleset` does.
  public static String print(Ruleset ruleset) {
    return RulesetPrinter.print(ruleset);
  }

  /// Writes one rule, in one line.
  public static String print(Rule rule) {
    return RulesetPrinter.print(rule);
  }
}
