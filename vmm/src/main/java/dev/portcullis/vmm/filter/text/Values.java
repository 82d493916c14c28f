package dev.portcullis.vmm.filter.text;

import dev.portcullis.vmm.filter.rule.Element;
import dev.portcullis.vmm.filter.rule.Element.Name;
import dev.portcullis.vmm.filter.rule.Element.Span;
import dev.portcullis.vmm.filter.rule.Value;
import dev.portcullis.vmm.filter.rule.ValueType;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// How values are written.
final class Values {
  private static final Pattern IPV4 =
      Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");
  private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}|0x[0-9a-fA-F]{1,8}");
  private static final long MAPPED = 0xffff_0000_0000L;
  private static final int GROUPS = 8;

  private Values() {}

  /// What is wanted, for messages.
  static String wanted(ValueType type) {
    return switch (type) {
      case IPV4 -> "an IPv4 address";
      case IPV6 -> "an IPv6 address";
      case MAC -> "a MAC address";
      case INTERFACE -> "a port's name";
      default -> {
        String named = String.join(", ", type.symbols().keySet());
        String numbers = "a number from 0 to " + ((1L << type.bits()) - 1);
        yield named.isEmpty() ? numbers : numbers + " or one of " + named;
      }
    };
  }

  /// The value that a word means, if it means one.
  static Optional<Value> parse(ValueType type, String word) {
    return switch (type) {
      case IPV4 -> IPV4.matcher(word).matches() ? ipv4(word) : Optional.empty();
      case IPV6 -> IPV6.matcher(word).matches() ? ipv6(word) : Optional.empty();
      case MAC ->
          MAC.matcher(word).matches()
              ? Optional.of(Value.of(Long.parseLong(word.replace(":", ""), 16)))
              : Optional.empty();
      case INTERFACE -> Optional.empty();
      default -> number(type, word);
    };
  }

  private static Optional<Value> number(ValueType type, String word) {
    Long named = type.symbols().get(word);
    if (named != null) {
      return Optional.of(Value.of(named));
    }
    if (!NUMBER.matcher(word).matches()) {
      return Optional.empty();
    }
    long number =
        word.startsWith("0x") ? Long.parseLong(word.substring(2), 16) : Long.parseLong(word);
    return Optional.of(Value.of(number)).filter(value -> value.fitsIn(type.bits()));
  }

  private static Optional<Value> ipv4(String word) {
    long address = 0;
    for (String part : word.split("\\.")) {
      int number = Integer.parseInt(part);
      if (number > 255) {
        return Optional.empty();
      }
      address = address << 8 | number;
    }
    return Optional.of(Value.of(address));
  }

  private static Optional<Value> ipv6(String word) {
    if (word.indexOf(':') < 0) {
      return Optional.empty();
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(InetAddress.ofLiteral(word).getAddress());
      // Addresses that stand for one of IPv4 come back as one.
      return Optional.of(
          bytes.capacity() == 4
              ? Value.of(MAPPED | bytes.getInt() & 0xffff_ffffL)
              : new Value(bytes.getLong(), bytes.getLong()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// A value, as [#parse] reads it.
  static String print(ValueType type, Value value) {
    long low = value.low();
    return switch (type) {
      case IPV4 ->
          "%d.%d.%d.%d".formatted(low >>> 24, low >>> 16 & 0xff, low >>> 8 & 0xff, low & 0xff);
      case IPV6 -> printIpv6(value);
      case MAC -> "%012x".formatted(low).replaceAll("(..)(?!$)", "$1:");
      default -> printNumber(type, low);
    };
  }

  private static String printNumber(ValueType type, long number) {
    for (Map.Entry<String, Long> symbol : type.symbols().entrySet()) {
      if (symbol.getValue() == number) {
        return symbol.getKey();
      }
    }
    return type == ValueType.ETHER_TYPE ? "0x%04x".formatted(number) : Long.toString(number);
  }

  /// As RFC 5952 wants: the longest run of zeroes, of two groups at least, is left out.
  private static String printIpv6(Value value) {
    int[] groups = new int[GROUPS];
    for (int i = 0; i < GROUPS; i++) {
      long half = i < GROUPS / 2 ? value.high() : value.low();
      groups[i] = (int) (half >>> 48 - 16 * (i % 4)) & 0xffff;
    }
    int start = -1;
    int length = 1;
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == start) {
        text.append("::");
        i += length - 1;
      } else {
        boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
        text.append(first ? "" : ":").append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }

  /// An element, as [ValueText] reads it.
  static String print(ValueType type, Element element) {
    return switch (element) {
      case Name(String name) -> "\"" + name + "\"";
      case Span span when span.isSingle() -> print(type, span.low());
      case Span(Value low, Value high) -> {
        boolean address = type == ValueType.IPV4 || type == ValueType.IPV6;
        int free = address ? freeBits(low, high, type.bits()) : -1;
        yield free >= 0
            ? print(type, low) + "/" + (type.bits() - free)
            : print(type, low) + "-" + print(type, high);
      }
    };
  }

  /// How many bits behind its prefix a range has free; -1 if it is none.
  private static int freeBits(Value low, Value high, int bits) {
    for (int free = 1; free <= bits; free++) {
      if (low.withoutLowBits(free).equals(low) && low.withLowBits(free).equals(high)) {
        return free;
      }
    }
    return -1;
  }
}
