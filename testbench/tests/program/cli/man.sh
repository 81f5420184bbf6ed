#!/usr/bin/env bash
# Every option that `icebp help VERB` lists is under that verb on the man page: man.sh PAGE ICEBP
set -euo pipefail
type -P groff >/dev/null || {
  echo "groff is not installed"
  exit 77
}
page=$(groff -man -Tascii -P-cbou -ww "$1" 2>&1)
failed=0
for verb in run check savefile msrs profiles help; do
  part=$(sed -n "/^   icebp $verb$/,/^   icebp /p" <<<"$page")
  for option in $("$2" help "$verb" | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
    grep -qE -- "$option( |$)" <<<"$part" || {
      echo "the man page's part on $verb has no $option"
      failed=1
    }
  done
done
grep -q "^EXIT STATUS" <<<"$page" || failed=1
grep -i "warning" <<<"$page" && failed=1
exit $failed
