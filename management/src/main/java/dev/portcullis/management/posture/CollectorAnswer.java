package dev.portcullis.management.posture;

import dev.portcullis.management.posture.ReportRefusedException.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Reads what a collector in a partition answers: lines of a type and its fields, separated by
/// tabs, between `posture` and `end`. Whoever wrote it may be hostile: its length is bounded, and
/// one wrong line refuses all.
final class CollectorAnswer {
  /// The longest one that is read, in characters.
  static final int MOST_CHARACTERS = 512 << 10;

  private static final Pattern FIELD = Pattern.compile("[A-Za-z0-9 ._+~:()/-]{1,80}");

  private CollectorAnswer() {}

  /// The attributes.
  ///
  /// @param challenge that it was asked with
  /// @throws ReportRefusedException if it is too long, malformed, or answers another challenge
  static List<Attribute> parse(String text, String challenge) throws ReportRefusedException {
    if (text.length() > MOST_CHARACTERS) {
      throw new ReportRefusedException(
          Refusal.OVERSIZED,
          "the collector said %d characters, more than %d"
              .formatted(text.length(), MOST_CHARACTERS));
    }
    List<String> lines = text.lines().toList();
    if (lines.size() < 3
        || !lines.getFirst().equals("posture\t1")
        || !lines.getLast().equals("end")) {
      throw malformed(1, "it is no posture from its beginning to its end");
    }
    if (!lines.get(1).equals("challenge\t" + challenge)) {
      throw new ReportRefusedException(
          Refusal.REPLAYED, "the collector answers another challenge than it was given");
    }
    return attributes(lines);
  }

  private static List<Attribute> attributes(List<String> lines) throws ReportRefusedException {
    List<Attribute> attributes = new ArrayList<>();
    Map<AttributeType, Integer> counts = new EnumMap<>(AttributeType.class);
    for (int i = 2; i < lines.size() - 1; i++) {
      Attribute one = attribute(lines.get(i), i + 1);
      if (counts.merge(one.type(), 1, Integer::sum) > one.type().most()) {
        throw malformed(i + 1, "more of " + one.type().word() + " than there can be");
      }
      attributes.add(one);
    }
    return attributes;
  }

  private static Attribute attribute(String line, int number) throws ReportRefusedException {
    String[] words = line.split("\t", -1);
    AttributeType type =
        AttributeType.find(words[0])
            .orElseThrow(() -> malformed(number, "a type that nobody knows"));
    List<String> fields = Arrays.asList(words).subList(1, words.length);
    if (fields.size() != type.fields()
        || !fields.stream().allMatch(field -> FIELD.matcher(field).matches())) {
      throw malformed(number, "no " + type.fields() + " proper fields of " + type.word());
    }
    return new Attribute(type, fields);
  }

  private static ReportRefusedException malformed(int line, String why) {
    return new ReportRefusedException(
        Refusal.MALFORMED, "line %d of the collector's answer: %s".formatted(line, why));
  }
}
