#!/usr/bin/env bash
# Packs the project, installs the package into an empty project, and uses it there by command, import and require().
set -euo pipefail

project="$(cd "$(dirname "$0")/../.." && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

cd "$project"
package="$(npm pack --silent --pack-destination "$folder")"
echo "in $package:"
tar -tzf "$folder/$package" | sort

mkdir "$folder/app"
cd "$folder/app"
export HOME="$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund "$folder/$package"
echo '{"local": "vault"}' >.lazycred

expect() {
  if [[ "$1" != "$2" ]]; then
    echo "expected \"$2\", got \"$1\"" >&2
    exit 1
  fi
}

printf 'packed' | npx lazycred put name
expect "$(npx lazycred get name)" packed
expect "$(npx lazycred --version)" "$(node -p "require('lazycred/package.json').version")"
expect "$(node --input-type=module -e "import { get } from 'lazycred'; console.log(await get('name'))")" packed
expect "$(node -e "require('lazycred').get('name').then(console.log)")" packed
echo 'the package works by command, import and require()'
