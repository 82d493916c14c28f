package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.recovery.BootOverride;
import dev.portcullis.management.recovery.BootOverride.Setting;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/// What can be written of a system: what people call it, and what it boots from.
final class SystemSettings {
  private static final int TAG_CHARS = 64;
  private static final String TAG = "AssetTag";
  private static final String BOOT = "Boot";
  private static final String ENABLED = "BootSourceOverrideEnabled";
  private static final String TARGET = "BootSourceOverrideTarget";
  private static final String NONE = "None";

  /// Redfish's word for the image that a platform has for recovery.
  private static final String RECOVERY = "Recovery";

  private static final Map<String, Setting> WORDS =
      Map.of("Disabled", Setting.NEVER, "Once", Setting.ONCE, "Continuous", Setting.CONTINUOUS);

  private final StateStore state;
  private final BootOverride override;

  SystemSettings(StateStore state, BootOverride override) {
    this.state = state;
    this.override = override;
  }

  String assetTag(String partition) {
    try {
      return state.read(tagKey(partition)).orElse("");
    } catch (StateException damaged) {
      return "";
    }
  }

  private static String tagKey(String partition) {
    String hex = HexFormat.of().formatHex(partition.getBytes(StandardCharsets.UTF_8));
    return "asset-tag." + hex.substring(0, Math.min(64, hex.length()));
  }

  /// A system's `Boot`.
  Map<String, Object> boot(String partition) {
    Setting setting = setting(partition);
    return map(
        ENABLED,
        word(setting),
        ENABLED + "@Redfish.AllowableValues",
        override.isPossible(partition)
            ? List.of("Disabled", "Once", "Continuous")
            : List.of("Disabled"),
        TARGET,
        setting == Setting.NEVER ? NONE : RECOVERY,
        TARGET + "@Redfish.AllowableValues",
        override.isPossible(partition) ? List.of(NONE, RECOVERY) : List.of(NONE));
  }

  private static String word(Setting setting) {
    return WORDS.entrySet().stream()
        .filter(one -> one.getValue() == setting)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  /// As it is shown; nothing begins while it is not known, see [BootOverride].
  private Setting setting(String partition) {
    try {
      return override.of(partition);
    } catch (StateException damaged) {
      return Setting.NEVER;
    }
  }

  /// Writes what `body` has.
  ///
  /// @return why not; nothing if it was written
  Optional<Reply> write(String partition, JsonNode body) throws AccountException {
    Set<String> names = new TreeSet<>(body.propertyNames());
    if (names.isEmpty() || !Set.of(TAG, BOOT).containsAll(names)) {
      return Optional.of(
          Reply.refusal(
              400, "PropertyNotWritable", "AssetTag and Boot are all that can be written here."));
    }
    Optional<Reply> wrong = wrongTag(body).or(() -> wrongBoot(partition, body));
    if (wrong.isPresent()) {
      return wrong;
    }
    try {
      if (body.has(TAG)) {
        state.write(tagKey(partition), body.path(TAG).asString());
      }
      if (body.has(BOOT)) {
        override.set(partition, wanted(partition, body.path(BOOT)).orElseThrow());
      }
      return Optional.empty();
    } catch (StateException e) {
      throw new AccountException(e.getMessage(), e);
    }
  }

  private static Optional<Reply> wrongTag(JsonNode body) {
    if (!body.has(TAG)) {
      return Optional.empty();
    }
    JsonNode tag = body.path(TAG);
    if (!tag.isString()) {
      return Optional.of(Reply.refusal(400, "PropertyValueTypeError", "AssetTag is a string."));
    }
    return tag.asString().length() > TAG_CHARS
        ? Optional.of(
            Reply.refusal(
                400,
                "StringValueTooLong",
                "AssetTag has at most %d characters.".formatted(TAG_CHARS)))
        : Optional.empty();
  }

  private Optional<Reply> wrongBoot(String partition, JsonNode body) {
    if (!body.has(BOOT)) {
      return Optional.empty();
    }
    JsonNode boot = body.path(BOOT);
    Set<String> names = boot.isObject() ? new TreeSet<>(boot.propertyNames()) : Set.of();
    if (names.isEmpty() || !Set.of(ENABLED, TARGET).containsAll(names)) {
      return Optional.of(
          Reply.refusal(
              400, "PropertyNotWritable", ENABLED + " and " + TARGET + " can be written of Boot."));
    }
    boolean isKnown =
        (!boot.has(ENABLED) || WORDS.containsKey(boot.path(ENABLED).asString("")))
            && (!boot.has(TARGET)
                || List.of(NONE, RECOVERY).contains(boot.path(TARGET).asString("")));
    if (!isKnown) {
      return Optional.of(notAllowed());
    }
    Optional<Setting> wanted = wanted(partition, boot);
    if (wanted.isEmpty()) {
      return Optional.of(
          Reply.refusal(
              400, "PropertyMissing", ENABLED + " and " + TARGET + " are needed together."));
    }
    return wanted.get() == Setting.NEVER || override.isPossible(partition)
        ? Optional.empty()
        : Optional.of(notAllowed());
  }

  private static Reply notAllowed() {
    return Reply.refusal(400, "PropertyValueNotInList", "See what the system says is allowable.");
  }

  /// What both together come to, where one is missing as it is now; nothing if that says too
  /// little.
  private Optional<Setting> wanted(String partition, JsonNode boot) {
    Setting now = setting(partition);
    String target = boot.path(TARGET).asString(now == Setting.NEVER ? "" : RECOVERY);
    Setting enabled = boot.has(ENABLED) ? WORDS.get(boot.path(ENABLED).asString()) : now;
    if (target.equals(NONE) || boot.has(ENABLED) && enabled == Setting.NEVER) {
      return Optional.of(Setting.NEVER);
    }
    return target.isEmpty() || enabled == Setting.NEVER ? Optional.empty() : Optional.of(enabled);
  }
}
