#!/usr/bin/env node
// The AWS SDK would warn at every call on Node 20; the README says it once.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
require('../dist/command/loader.cjs').load('main.cjs', require).run(process.argv)
