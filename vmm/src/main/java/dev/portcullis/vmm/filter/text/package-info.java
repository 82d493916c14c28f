/// Rulesets as people write them: a part of the language of `nft`. Start with [RulesetText].
package dev.portcullis.vmm.filter.text;
