/// What a person types, and what a person reads. Start with [Main].
package dev.portcullis.cli;
