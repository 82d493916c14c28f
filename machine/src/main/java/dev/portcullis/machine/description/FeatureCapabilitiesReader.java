package dev.portcullis.machine.description;

import dev.portcullis.spec.register.FeatureCapabilities;
import dev.portcullis.spec.register.PerformanceCapability;
import dev.portcullis.spec.register.PerformanceRegisters;
import java.util.ArrayList;
import java.util.List;

/// Reads what replaces the words of single features' capability registers.
final class FeatureCapabilitiesReader {
  private static final FeatureCapabilities USUAL = FeatureCapabilities.STANDARD;
  private static final int LAST_OFFSET = 0xffff;

  private FeatureCapabilitiesReader() {}

  static FeatureCapabilities read(Section words) throws MachineFileException {
    PerformanceCapability performance = performance(words);
    List<Long> commands = new ArrayList<>(USUAL.enhancedCommands());
    for (int n = 0; n < commands.size(); n++) {
      commands.set(
          n, words.value("eccap" + n, FeatureCapabilitiesReader::word).orElse(commands.get(n)));
    }
    long virtualCommands =
        words.value("vccap", FeatureCapabilitiesReader::word).orElse(USUAL.virtualCommands());
    long memoryTypes =
        words.value("mtrrcap", FeatureCapabilitiesReader::word).orElse(USUAL.memoryTypes());
    try {
      return new FeatureCapabilities(performance, commands, virtualCommands, memoryTypes);
    } catch (IllegalArgumentException refused) {
      throw words.wrong(refused.getMessage());
    }
  }

  private static PerformanceCapability performance(Section words) throws MachineFileException {
    PerformanceCapability usual = USUAL.performance();
    long capability = words.value("perfcap", FeatureCapabilitiesReader::word).orElse(usual.word());
    int configurations = offset(words, "perfcfgoff", usual.configurations());
    int freezes = offset(words, "perffrzoff", usual.freezes());
    int overflows = offset(words, "perfovfoff", usual.overflows());
    int counters = offset(words, "perfcntroff", usual.counters());
    var events = words.values("perfevntcap", FeatureCapabilitiesReader::word);
    try {
      return new PerformanceCapability(
          capability,
          configurations,
          freezes,
          overflows,
          counters,
          events.orElseGet(() -> firstGroups(PerformanceRegisters.EGCNT.intOf(capability))));
    } catch (IllegalArgumentException refused) {
      throw words.wrong(refused.getMessage());
    }
  }

  private static List<Long> firstGroups(int groups) {
    List<Long> events = USUAL.performance().events();
    return events.subList(0, Math.min(groups, events.size()));
  }

  private static int offset(Section words, String key, int otherwise) throws MachineFileException {
    return words.number(key, 0, LAST_OFFSET).orElse(otherwise);
  }

  static Long word(String text) {
    try {
      return text.startsWith("0x")
          ? Long.parseUnsignedLong(text.substring(2).replace("_", ""), 16)
          : Long.parseUnsignedLong(text);
    } catch (NumberFormatException notOne) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a word of 64 bits, such as 0x00d2008c40660462", notOne);
    }
  }
}
