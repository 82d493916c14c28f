package dev.portcullis.system;

import dev.portcullis.management.recovery.RebuildProgress;
import java.util.List;
import java.util.Map;

/// Whoever manages the platform of a [Story]: what there is to see, and to do.
interface Administrator {
  /// Any verdict will do.
  String ANY = "";

  /// Whether the partition booted what it should, when it did last: `admitted`, `refused`.
  String boot(String partition) throws Exception;

  /// Has access decided anew, and waits until it is.
  ///
  /// @param verdict that is waited for, or [#ANY]
  Decision decide(String partition, String verdict) throws Exception;

  /// What was decided.
  record Decision(String verdict, String rule) {}

  /// How much of the network a partition has: `unrestricted`, `remediation`.
  String network(String partition) throws Exception;

  /// Where containment stands with a partition.
  String containment(String partition) throws Exception;

  /// Has containment go on with a partition.
  void contain(String partition, String trigger, String reason) throws Exception;

  /// Has a partition put back onto its safe image, and waits until it was.
  void rebuild(String partition, RebuildProgress progress) throws Exception;

  /// What was told until now, oldest first.
  List<Told> events() throws Exception;

  /// An event.
  ///
  /// @param type such as `boot.admitted`
  /// @param subject such as `partition/user/function/00:05.0`
  record Told(String type, String subject, Map<String, String> data) {}
}
