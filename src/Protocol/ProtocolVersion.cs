namespace AkkaCompute.Protocol;

/// <summary>Spoken in the hello of every link; another version is refused with a line that says which side to upgrade.</summary>
public static class ProtocolVersion
{
    public const int Current = 1;

    /// <summary>Null when <paramref name="theirs"/> can be spoken; otherwise what a person should do. "They" are the <paramref name="peer"/>.</summary>
    public static string? Refusal(int theirs, string peer) => theirs switch
    {
        Current => null,
        > Current => $"the {peer} speaks protocol {theirs}, this side {Current}: upgrade akc here",
        _ => $"the {peer} speaks protocol {theirs}, this side {Current}: upgrade akc on the {peer}",
    };
}
