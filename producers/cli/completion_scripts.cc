#include "producers/cli/completion_scripts.h"

namespace eventlog {
namespace {

// All of them: a line is WORD<TAB>DESCRIPTION; the line ":" asks for files.

constexpr char kBash[] = R"(# bash completion of eventlog. In ~/.bashrc: source <(eventlog completion bash)
_eventlog() {
  local line=${COMP_LINE:0:COMP_POINT} words written kept='' candidate _ files=''
  read -ra words <<< "$line"
  if [[ $line == *[[:space:]] ]]; then words+=(''); fi
  written=${words[${#words[@]}-1]}
  # readline replaces only what stands behind the last character that breaks words for it.
  if [[ $written == *[=:]* ]]; then kept=${written%"${written##*[=:]}"}; fi
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    if [[ $candidate == : ]]; then
      files=1
    else
      if [[ $candidate == *= ]]; then compopt -o nospace; fi
      COMPREPLY+=("${candidate#"$kept"}")
    fi
  done < <("${words[0]}" completion candidates -- "${words[@]:1}" 2> /dev/null)
  if [[ $files ]]; then
    compopt -o filenames
    while read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "${written#"$kept"}")
  fi
}
complete -F _eventlog eventlog
)";

constexpr char kZsh[] = R"(#compdef eventlog
# zsh completion of eventlog. In ~/.zshrc, behind compinit: source <(eventlog completion zsh)
_eventlog() {
  local word description files=''
  local -a closed closed_shown open open_shown
  while IFS=$'\t' read -r word description; do
    if [[ $word == : ]]; then
      files=1
    elif [[ $word == *= ]]; then
      open+=("$word")
      open_shown+=("$word  $description")
    else
      closed+=("$word")
      closed_shown+=("$word  $description")
    fi
  done < <(${(Q)words[1]} completion candidates -- "${(@Q)words[2,CURRENT]}" 2> /dev/null)
  if (( $#closed )); then compadd -l -d closed_shown -a -- closed; fi
  if (( $#open )); then compadd -l -S '' -d open_shown -a -- open; fi
  if [[ -n $files ]]; then
    if [[ $PREFIX == --*=* ]]; then compset -P '*='; fi
    _files
  fi
}
if [[ $funcstack[1] == _eventlog ]]; then _eventlog "$@"; else compdef _eventlog eventlog; fi
)";

constexpr char kFish[] =
    R"(# fish completion of eventlog. In ~/.config/fish/config.fish: eventlog completion fish | source
function __eventlog_candidates
    set -l words (commandline -opc)
    set -l written (commandline -ct)
    for line in ($words[1] completion candidates -- $words[2..-1] "$written" 2>/dev/null)
        if test "$line" = ':'
            set -l kept (string match -r -- '^--[^=]*=' "$written")
            for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$written"))
                echo "$kept$path"
            end
        else
            echo $line
        end
    end
end
complete -c eventlog -f -a '(__eventlog_candidates)'
)";

}  // namespace

absl::string_view CompletionScript(absl::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return "";
}

}  // namespace eventlog
