package dev.portcullis.management.health;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Reads the section `health` of a management file.
public final class HealthReader {
  private static final int DAY_SECONDS = 86_400;
  private static final int MOST_RULES = 32;
  private static final int MOST_ATTEMPTS = 20;

  private final PlatformDescription platform;

  /// @param platform whose partitions and devices it may name
  public HealthReader(PlatformDescription platform) {
    this.platform = platform;
  }

  public HealthDescription read(Section section) throws MachineFileException {
    int look = section.number("look-seconds", 1, DAY_SECONDS).orElse(30);
    List<RepairRule> rules = new ArrayList<>();
    Set<String> named = new HashSet<>();
    for (Section one : section.sections("repair").orElse(List.of())) {
      RepairRule rule = rule(one);
      for (String subject : rule.subjects()) {
        if (!named.add(rule.when() + " " + subject)) {
          throw one.wrong("there is a rule about " + subject + " already");
        }
      }
      rules.add(rule);
    }
    if (rules.size() > MOST_RULES) {
      throw section.wrong("repair", "more than " + MOST_RULES);
    }
    section.end();
    return new HealthDescription(Duration.ofSeconds(look), rules);
  }

  private RepairRule rule(Section section) throws MachineFileException {
    Symptom when =
        section
            .choice("when", Symptom.class)
            .orElseThrow(() -> section.wrong("\"when\" is missing"));
    List<String> subjects =
        when == Symptom.PARTITION_FAILED
            ? section.values("partitions", this::partition).orElse(partitions())
            : section
                .values("devices", this::device)
                .orElseThrow(() -> section.wrong("\"devices\" is missing"));
    List<RepairStep> steps =
        section
            .values("do", word -> step(when, word))
            .orElseThrow(() -> section.wrong("\"do\" is missing"));
    RepairRule rule =
        new RepairRule(
            when,
            subjects,
            steps,
            section.values("at-last", word -> step(when, word)).orElse(List.of()),
            section.number("attempts", 1, MOST_ATTEMPTS).orElse(3),
            Duration.ofSeconds(section.number("pause-seconds", 1, DAY_SECONDS).orElse(5)),
            Duration.ofSeconds(section.number("well-seconds", 1, DAY_SECONDS).orElse(600)));
    section.end();
    if (steps.isEmpty() || subjects.isEmpty()) {
      throw section.wrong("a rule about nothing, or without anything to do");
    }
    return rule;
  }

  private List<String> partitions() {
    return platform.partitions().stream().map(PartitionDescription::name).toList();
  }

  private String partition(String name) {
    if (!partitions().contains(name)) {
      throw new IllegalArgumentException("there is no partition " + name);
    }
    return name;
  }

  /// What a person calls the device that is called so, or is in that place.
  private String device(String name) {
    return platform.nameOf(platform.device(name));
  }

  private static RepairStep step(Symptom when, String word) {
    for (RepairStep step : RepairStep.values()) {
      if (step.word().equals(word)) {
        if (step == RepairStep.RESET_FUNCTION && when == Symptom.PARTITION_FAILED) {
          throw new IllegalArgumentException(
              "%s is for %s"
                  .formatted(
                      word,
                      Symptom.FUNCTION_FAILED.name().toLowerCase(Locale.ROOT).replace('_', '-')));
        }
        return step;
      }
    }
    throw new IllegalArgumentException(
        "\"" + word + "\" is none of reset-function, restart, rebuild");
  }
}
