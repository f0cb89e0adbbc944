using System.CommandLine;

namespace Kixo.Cli.Completion;

/// <summary><c>kixo completion</c>: prints what makes a shell complete kixo's commands and options, by asking kixo itself.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            # kixo: in ~/.bashrc: eval "$(kixo completion bash)"
            _kixo() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(kixo "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _kixo kixo
            """,
        ["zsh"] = """
            # kixo: in ~/.zshrc, behind compinit: eval "$(kixo completion zsh)"
            _kixo() {
                local line="${(j: :)words[1,CURRENT]}"
                local -a found=("${(@f)$(kixo "[suggest:${#line}]" "${line}" 2>/dev/null)}")
                compadd -- "${found[@]}"
            }
            compdef _kixo kixo
            """,
        ["fish"] = """
            # kixo: in ~/.config/fish/config.fish: kixo completion fish | source
            function __kixo_complete
                set --local line (commandline --current-process --cut-at-cursor)
                kixo "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete --command kixo --no-files --arguments '(__kixo_complete)'
            """,
        ["pwsh"] = """
            # kixo: in $PROFILE: kixo completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName kixo -ScriptBlock {
                param($word, $line, $position)
                $text = "$line".PadRight($position - $line.Extent.StartOffset)
                kixo "[suggest:$($text.Length)]" "$text" 2>$null | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """,
    };

    public static Command Create(Output output)
    {
        var shell = new Argument<string>("shell") { Description = "Whose script to print; its first line says where it belongs." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Print a script that makes a shell complete kixo's commands and options.") { shell };

        // As it is: the console would wrap it.
        command.SetAction(arguments => output.Console.Profile.Out.Writer.WriteLine(Scripts[arguments.GetValue(shell)!]));
        return command;
    }
}
