package dev.portcullis.management.redfish;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Which events somebody wants.
@FunctionalInterface
interface EventFilter {
  EventFilter ALL = notice -> true;

  boolean wants(Notice notice);

  /// What can be asked of an event.
  enum Property {
    REGISTRY_PREFIX("RegistryPrefix", "RegistryPrefixes", Notice::registryPrefix),
    RESOURCE_TYPE("ResourceType", "ResourceTypes", Notice::resourceType),
    MESSAGE_ID("MessageId", "MessageIds", Notice::messageId),
    SEVERITY("Severity", "Severities", Notice::severity),
    ORIGIN_RESOURCE("OriginResource", "OriginResources", Notice::origin);

    private final String word;
    private final String list;
    private final Function<Notice, String> of;

    Property(String word, String list, Function<Notice, String> of) {
      this.word = word;
      this.list = list;
      this.of = of;
    }

    /// As a filter of a stream calls it.
    String word() {
      return word;
    }

    /// As a subscription calls the list of what it may be.
    String list() {
      return list;
    }

    static Optional<Property> of(String word) {
      return Arrays.stream(values()).filter(one -> one.word.equals(word)).findFirst();
    }

    boolean is(Notice notice, String value) {
      String its = of.apply(notice);
      // A message is known without its registry's version, too.
      return its.equals(value)
          || this == MESSAGE_ID
              && (its.substring(its.lastIndexOf('.') + 1).equals(value)
                  || its.replaceFirst("\\.[0-9.]+\\.", ".").equals(value));
    }
  }

  /// Those of which a property is one of some values.
  static EventFilter oneOf(Property property, List<String> values) {
    return notice -> values.stream().anyMatch(value -> property.is(notice, value));
  }

  default EventFilter and(EventFilter other) {
    return notice -> wants(notice) && other.wants(notice);
  }

  default EventFilter or(EventFilter other) {
    return notice -> wants(notice) || other.wants(notice);
  }

  /// What a `$filter` says: `(RegistryPrefix eq 'Portcullis') and (Severity eq 'Critical')`, with
  /// `or` and `not`, which need no parentheses.
  ///
  /// @throws IllegalArgumentException if it makes no sense
  static EventFilter parse(String text) {
    return new FilterText(text).read();
  }
}
