package dev.portcullis.management.access;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.filter.run.Firewall;
import dev.portcullis.vmm.filter.text.RulesetText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads policies:
///
/// ```yaml
/// policy: office
/// rules:
///   - name: old browser
///     when: posture.packages.exists(p, p.name == "browser" && compareVersions(p.version, "2.1") < 0)
///     result: conditional
///     rules: updates-only.nft
///     reason: The browser is out of date.
///   - {name: the rest, when: "true", result: unrestricted, reason: All is well.}
/// ```
public final class PolicyFile {
  private static final int MOST_BYTES = 1 << 20;
  private static final int MOST_RULES = 1000;
  private static final int MOST_REASON = 500;

  private PolicyFile() {}

  /// Reads a file. Paths in it are relative to its folder.
  ///
  /// @throws MachineFileException with the line, and what to change
  public static Policy read(Path file) throws MachineFileException, PolicyException {
    return read(file, named -> {});
  }

  /// The same.
  ///
  /// @param rules told of each file that it names, before that is read
  /// @throws MachineFileException with the line, and what to change
  public static Policy read(Path file, Consumer<Path> rules)
      throws MachineFileException, PolicyException {
    try {
      if (Files.isRegularFile(file) && Files.size(file) > MOST_BYTES) {
        throw new PolicyException(file + ": more than 1 MiB of policy");
      }
    } catch (IOException e) {
      throw new PolicyException(file + ": cannot be read: " + e.getMessage(), e);
    }
    return of(Section.read(file), Section.folderOf(file), rules);
  }

  /// Reads text.
  ///
  /// @param name what messages call it
  /// @param folder what relative paths in it start from
  /// @throws MachineFileException with the line, and what to change
  public static Policy parse(String name, Path folder, String yaml) throws MachineFileException {
    return of(Section.parse(name, yaml), folder, named -> {});
  }

  private static Policy of(Section file, Path folder, Consumer<Path> named)
      throws MachineFileException {
    String name = file.required("policy", text -> text);
    List<Section> sections =
        file.sections("rules").orElseThrow(() -> file.wrong("\"rules\" is missing"));
    if (sections.size() > MOST_RULES) {
      throw file.wrong("rules", "more than %,d of them".formatted(MOST_RULES));
    }
    List<PolicyRule> rules = new ArrayList<>();
    for (Section section : sections) {
      rules.add(rule(section, folder, named));
    }
    file.end();
    return new Policy(name, rules);
  }

  private static PolicyRule rule(Section section, Path folder, Consumer<Path> named)
      throws MachineFileException {
    Verdict verdict =
        section
            .choice("result", Verdict.class)
            .orElseThrow(
                () -> section.wrong("\"result\" is missing: unrestricted, conditional or denied"));
    Optional<Ruleset> conditions = conditions(section, folder, named);
    if (conditions.isPresent() && verdict != Verdict.CONDITIONAL) {
      throw section.wrong("rules", "only a conditional result has rules");
    }
    if (conditions.isEmpty() && verdict == Verdict.CONDITIONAL) {
      throw section.wrong("\"rules\" is missing: a file with what passes under this condition");
    }
    PolicyRule rule =
        new PolicyRule(
            section.required("name", text -> text),
            section.required("when", text -> text),
            section.required("when", Expression::of),
            verdict,
            conditions,
            section.required("reason", PolicyFile::reason));
    section.end();
    return rule;
  }

  private static String reason(String text) {
    if (text.isBlank() || text.length() > MOST_REASON) {
      throw new IllegalArgumentException("a reason has 1 to %d characters".formatted(MOST_REASON));
    }
    return text.strip();
  }

  private static Optional<Ruleset> conditions(Section section, Path folder, Consumer<Path> named)
      throws MachineFileException {
    Optional<Path> file = section.value("rules", text -> folder.resolve(text).normalize());
    if (file.isEmpty()) {
      return Optional.empty();
    }
    named.accept(file.get());
    try {
      Ruleset rules = RulesetText.read(file.get());
      new Firewall(entry -> {}).load(rules, Established.CUT);
      return Optional.of(rules);
    } catch (RulesetException e) {
      throw section.wrong("rules", e.getMessage());
    }
  }
}
