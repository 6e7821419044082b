namespace AkkaCompute.Cli.JobFiles;

/// <summary>A place in a job file, both from 1.</summary>
internal readonly record struct Place(int Line, int Column);

/// <summary>A value of a job file, and where it begins.</summary>
internal abstract record YamlValue(Place At);

/// <param name="Text">Null where nothing stands, or the word null.</param>
internal sealed record YamlText(string? Text, Place At) : YamlValue(At);

internal sealed record YamlList(IReadOnlyList<YamlValue> Values, Place At) : YamlValue(At);

/// <summary>What was refused already: nobody complains of it again.</summary>
internal sealed record YamlRefused(Place At) : YamlValue(At);

/// <summary>Each key once.</summary>
internal sealed record YamlMap(IReadOnlyList<(YamlText Key, YamlValue Value)> Entries, Place At) : YamlValue(At);
