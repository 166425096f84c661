using System.Text;

namespace Adam.Engine.Patterns;

/// <summary>
/// Searches for a pattern in texts. All ways through the program are followed at once, so a character of a text costs no more than the program
/// is long (Thompson, "Regular Expression Search Algorithm", 1968).
/// </summary>
/// <param name="program">The pattern.</param>
/// <param name="stepsMax">How many steps all searches may take together.</param>
internal sealed class PatternSearch(PatternProgram program, long stepsMax)
{
    private readonly Stack<int> _open = new();
    private readonly int[] _seenAt = new int[program.Instructions.Length];
    private List<int> _here = [];
    private List<int> _next = [];
    private int _places;
    private long _steps;

    /// <summary>Whether the text has the pattern anywhere.</summary>
    /// <exception cref="TimeoutException">That takes more steps than all searches may.</exception>
    public bool IsFoundIn(string text)
    {
        Rune[] characters = [.. text.EnumerateRunes()];
        BeginPlace();
        for (int position = 0; ; position++)
        {
            // The pattern may begin anywhere.
            if (Follow(0, characters, position, _here))
            {
                return true;
            }

            if (position == characters.Length)
            {
                return false;
            }

            if (Take(characters, position))
            {
                return true;
            }
        }
    }

    // Every place of every text has a number of its own, so that nothing needs to be wiped between them.
    private void BeginPlace()
    {
        _here.Clear();
        _places++;
    }

    // Takes a character on all ways.
    private bool Take(Rune[] characters, int position)
    {
        (_here, _next) = (_next, _here);
        BeginPlace();
        foreach (int at in _next)
        {
            CharacterSet set = program.Sets[program.Instructions[at].X];
            Count(set.Cost);
            if (set.Takes(characters[position]) && Follow(at + 1, characters, position + 1, _here))
            {
                return true;
            }
        }

        return false;
    }

    // Goes on until the next character of each way; true if one comes to its end.
    private bool Follow(int start, Rune[] characters, int position, List<int> waiting)
    {
        _open.Clear();
        _open.Push(start);
        while (_open.TryPop(out int at))
        {
            Count(1);
            if (_seenAt[at] == _places)
            {
                continue;
            }

            _seenAt[at] = _places;
            (PatternOperation operation, int x) = program.Instructions[at];
            switch (operation)
            {
                case PatternOperation.Found:
                    return true;
                case PatternOperation.Character:
                    waiting.Add(at);
                    break;
                case PatternOperation.Fork:
                    _open.Push(x);
                    _open.Push(at + 1);
                    break;
                case PatternOperation.Jump:
                    _open.Push(x);
                    break;
                default:
                    if (Holds((PatternAnchor)x, characters, position))
                    {
                        _open.Push(at + 1);
                    }

                    break;
            }
        }

        return false;
    }

    private static bool Holds(PatternAnchor anchor, Rune[] characters, int position)
    {
        bool isStart = position == 0;
        bool isEnd = position == characters.Length;
        return anchor switch
        {
            PatternAnchor.TextStart => isStart,
            PatternAnchor.TextEnd => isEnd,
            PatternAnchor.LastLineEnd => isEnd || (position == characters.Length - 1 && IsLineFeed(position)),
            PatternAnchor.LineStart => isStart || IsLineFeed(position - 1),
            PatternAnchor.LineEnd => isEnd || IsLineFeed(position),
            PatternAnchor.WordBoundary => IsBoundary(),
            PatternAnchor.NoWordBoundary => !IsBoundary(),
            _ => throw new ArgumentOutOfRangeException(nameof(anchor)),
        };

        bool IsLineFeed(int at) => characters[at].Value == '\n';

        bool IsBoundary() => (!isStart && CharacterCategories.IsWord(characters[position - 1])) != (!isEnd && CharacterCategories.IsWord(characters[position]));
    }

    private void Count(int steps)
    {
        _steps += steps;
        if (_steps > stepsMax)
        {
            throw new TimeoutException();
        }
    }
}
