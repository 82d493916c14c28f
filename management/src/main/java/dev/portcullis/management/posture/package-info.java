/// The posture of partitions, in the words of RFC 5209: collectors say what a partition is and has,
/// from inside and from outside; the broker makes a signed report of it; whoever decides by a
/// report has it verified first. Start with [PostureBroker].
package dev.portcullis.management.posture;
