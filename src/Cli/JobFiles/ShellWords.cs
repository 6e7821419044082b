using System.Buffers;
using System.Text;

namespace AkkaCompute.Cli.JobFiles;

/// <summary>A command in one line, as people type it: cut at blanks, with the quotes of a shell, and nothing else of one.</summary>
internal static class ShellWords
{
    /// <summary>What a shell would act on; here it would go to the program as it is, which nobody means.</summary>
    private static readonly SearchValues<char> Special = SearchValues.Create("|&;<>()$`\\\"'*?~#\n");

    /// <summary>Only where a word is nothing but these, or begins with them, a shell would take them for more than text.</summary>
    private const string AtStart = "~#";

    /// <param name="shell">How a command that needs a shell is written where this line stands.</param>
    /// <returns>The words, or what is wrong with them.</returns>
    public static (IReadOnlyList<string> Words, string? Complaint) Split(string line, string shell = "[sh, -c, '...']")
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isWord = false;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c is ' ' or '\t')
            {
                End();
            }
            else if (c is '\'' or '"')
            {
                isWord = true;
                var end = Quoted(line, i, word);
                if (end < 0)
                {
                    return ([], $"a quote ({c}) has no end");
                }

                i = end;
            }
            else if (c == '\\' && i + 1 < line.Length)
            {
                isWord = true;
                word.Append(line[++i]);
            }
            else if (Special.Contains(c) && (!AtStart.Contains(c) || !isWord))
            {
                return ([], $"{(c == '\n' ? "a line break" : $"'{c}'")} is a shell's business: quote it, or let a shell run it: {shell}");
            }
            else
            {
                isWord = true;
                word.Append(c);
            }
        }

        End();
        return (words, null);

        void End()
        {
            if (isWord)
            {
                words.Add(word.ToString());
                word.Clear();
                isWord = false;
            }
        }
    }

    /// <returns>Where the closing quote stands, or -1.</returns>
    private static int Quoted(string line, int start, StringBuilder word)
    {
        var quote = line[start];
        for (var i = start + 1; i < line.Length; i++)
        {
            if (line[i] == quote)
            {
                return i;
            }

            if (quote == '"' && line[i] == '\\' && i + 1 < line.Length && line[i + 1] is '"' or '\\')
            {
                i++;
            }

            word.Append(line[i]);
        }

        return -1;
    }
}
