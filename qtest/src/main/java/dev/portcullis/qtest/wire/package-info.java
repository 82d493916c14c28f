/// What both ends of a qtest connection share: lines out of bytes, numbers out of words.
package dev.portcullis.qtest.wire;
