package dev.portcullis.qtest.server;

import dev.portcullis.qtest.wire.Numbers;
import java.util.ArrayList;
import java.util.List;

/// A command line, cut at each single space as QEMU does.
final class Words {
  private static final int MAX_PORT = 0xffff;

  private final List<String> words;

  private Words(List<String> words) {
    this.words = words;
  }

  static Words of(String line) {
    List<String> words = new ArrayList<>(4);
    int from = 0;
    for (int at = line.indexOf(' '); at >= 0; at = line.indexOf(' ', from)) {
      words.add(line.substring(from, at));
      from = at + 1;
    }
    words.add(line.substring(from));
    return new Words(words);
  }

  String command() {
    return words.getFirst();
  }

  boolean has(int index) {
    return index < words.size();
  }

  String word(int index) throws Refused {
    if (!has(index)) {
      throw new Refused("%s: argument %d is missing".formatted(command(), index));
    }
    return words.get(index);
  }

  long number(int index) throws Refused {
    String word = word(index);
    return Numbers.parse(word)
        .orElseThrow(() -> new Refused("%s: argument %d is no number".formatted(command(), index)));
  }

  int port(int index) throws Refused {
    long port = number(index);
    if (port < 0 || port > MAX_PORT) {
      throw new Refused("%s: ports have 16 bits".formatted(command()));
    }
    return (int) port;
  }

  /// The size in argument 2 of bytes at the address in argument 1.
  ///
  /// @param limitBytes the largest that is carried out
  long size(long limitBytes) throws Refused {
    long size = number(2);
    if (Long.compareUnsigned(size, limitBytes) > 0) {
      throw new Refused("%s: at most %d bytes at a time".formatted(command(), limitBytes));
    }
    if (size > 0 && Long.compareUnsigned(number(1), number(1) + size - 1) > 0) {
      throw new Refused("%s: beyond the end of the address space".formatted(command()));
    }
    return size;
  }
}
