package dev.portcullis.vmm.filter.run;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Packet.Network;
import dev.portcullis.vmm.filter.rule.Comparison;
import dev.portcullis.vmm.filter.rule.Element;
import dev.portcullis.vmm.filter.rule.Element.Name;
import dev.portcullis.vmm.filter.rule.Element.Span;
import dev.portcullis.vmm.filter.rule.Field;
import dev.portcullis.vmm.filter.rule.Value;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/// Makes comparisons of fields with values.
final class MatchSteps {
  private static final long NOT_HERE = Packet.ABSENT;

  private MatchSteps() {}

  static Step of(Field field, Comparison comparison, List<Element> elements) {
    return switch (field) {
      case IN -> names(Judgement::in, comparison, elements);
      case OUT -> names(Judgement::out, comparison, elements);
      case IP6_SOURCE ->
          wide(Packet::ipSourceHigh, Packet::ipSourceLow, comparison, spans(elements));
      case IP6_DESTINATION ->
          wide(Packet::ipDestinationHigh, Packet::ipDestinationLow, comparison, spans(elements));
      default -> narrow(FieldValues.of(field), comparison, spans(elements));
    };
  }

  /// Sorted, so that they can be searched.
  private static List<Span> spans(List<Element> elements) {
    return elements.stream().map(Span.class::cast).sorted(Comparator.comparing(Span::low)).toList();
  }

  private static Step names(
      Function<Judgement, String> reader, Comparison comparison, List<Element> elements) {
    Set<String> names =
        elements.stream()
            .map(Name.class::cast)
            .map(Name::name)
            .collect(Collectors.toUnmodifiableSet());
    boolean wanted = comparison == Comparison.EQUAL;
    return of -> {
      String name = reader.apply(of);
      return !name.isEmpty() && names.contains(name) == wanted;
    };
  }

  private static Step narrow(
      ToLongFunction<Judgement> reader, Comparison comparison, List<Span> spans) {
    long[] lows = spans.stream().mapToLong(span -> span.low().low()).toArray();
    long[] highs = spans.stream().mapToLong(span -> span.high().low()).toArray();
    return switch (comparison) {
      case EQUAL -> of -> isIn(lows, highs, reader.applyAsLong(of));
      case NOT_EQUAL ->
          of -> {
            long value = reader.applyAsLong(of);
            return value != NOT_HERE && !isIn(lows, highs, value);
          };
      case LESS ->
          of -> {
            long value = reader.applyAsLong(of);
            return value != NOT_HERE && value < lows[0];
          };
      case AT_MOST ->
          of -> {
            long value = reader.applyAsLong(of);
            return value != NOT_HERE && value <= lows[0];
          };
      case GREATER -> of -> reader.applyAsLong(of) > lows[0];
      case AT_LEAST -> of -> reader.applyAsLong(of) >= lows[0];
    };
  }

  /// Values that are not here are less than all lows.
  private static boolean isIn(long[] lows, long[] highs, long value) {
    int from = 0;
    int to = lows.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (value < lows[middle]) {
        to = middle;
      } else if (value > highs[middle]) {
        from = middle + 1;
      } else {
        return true;
      }
    }
    return false;
  }

  private static Step wide(
      ToLongFunction<Packet> highReader,
      ToLongFunction<Packet> lowReader,
      Comparison comparison,
      List<Span> spans) {
    Span[] sorted = spans.toArray(Span[]::new);
    return of -> {
      Packet packet = of.packet();
      if (packet.network() != Network.IPV6) {
        return false;
      }
      long high = highReader.applyAsLong(packet);
      long low = lowReader.applyAsLong(packet);
      return switch (comparison) {
        case EQUAL -> isIn(sorted, high, low);
        case NOT_EQUAL -> !isIn(sorted, high, low);
        case LESS -> compare(high, low, sorted[0].low()) < 0;
        case AT_MOST -> compare(high, low, sorted[0].low()) <= 0;
        case GREATER -> compare(high, low, sorted[0].low()) > 0;
        case AT_LEAST -> compare(high, low, sorted[0].low()) >= 0;
      };
    };
  }

  private static int compare(long high, long low, Value with) {
    return Value.compare(high, low, with.high(), with.low());
  }

  private static boolean isIn(Span[] sorted, long high, long low) {
    int from = 0;
    int to = sorted.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (compare(high, low, sorted[middle].low()) < 0) {
        to = middle;
      } else if (compare(high, low, sorted[middle].high()) > 0) {
        from = middle + 1;
      } else {
        return true;
      }
    }
    return false;
  }
}
