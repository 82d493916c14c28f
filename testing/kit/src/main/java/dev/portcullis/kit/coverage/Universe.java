package dev.portcullis.kit.coverage;

import dev.portcullis.kit.coverage.Item.Section;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Every item there is, from the lists `faults.txt`, `descriptors.txt`, `queue-errors.txt`,
/// `registers.txt` and `wire.txt` beside this class: a key and its meaning on each line, the fields
/// of a register on the line of the register.
public final class Universe {
  private Universe() {}

  /// All items in the order of the document.
  public static List<Item> items() {
    List<Item> items = new ArrayList<>();
    load("faults.txt", line -> items.add(item(Section.FAULTS, "fault ", line)));
    load("descriptors.txt", line -> items.add(item(Section.DESCRIPTORS, "descriptor ", line)));
    load("queue-errors.txt", line -> items.add(item(Section.QUEUE_ERRORS, "queue error ", line)));
    load("page-requests.txt", line -> items.add(rule(line)));
    load("registers.txt", line -> addFields(items, line));
    load("wire.txt", line -> items.add(item(Section.WIRE, "wire ", line)));
    return List.copyOf(items);
  }

  private static Item item(Section section, String prefix, String line) {
    int blank = line.indexOf(' ');
    return new Item(section, prefix + line.substring(0, blank), line.substring(blank + 1).strip());
  }

  private static Item rule(String line) {
    String[] parts = line.split(": ", 2);
    return new Item(Section.PAGE_REQUESTS, "page request " + parts[0], parts[1]);
  }

  private static void addFields(List<Item> items, String line) {
    String[] parts = line.split(":", 2);
    String[] name = parts[0].split(" ", 2);
    for (String field : parts[1].strip().split(" ")) {
      items.add(new Item(Section.REGISTERS, "register " + name[0] + "." + field, name[1].strip()));
    }
  }

  private interface Line {
    void take(String line);
  }

  private static void load(String list, Line each) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Universe.class.getResourceAsStream(list), StandardCharsets.UTF_8))) {
      lines.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).forEach(each::take);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
