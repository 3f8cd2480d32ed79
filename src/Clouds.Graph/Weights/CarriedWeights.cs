namespace Clouds.Graph.Weights;

/// <summary>
/// Weights that the program itself carries: they go by a name wherever a path of weights is taken. Settings and records keep the name, which means the same
/// on every machine; who opens files asks here for the place.
/// </summary>
public static class CarriedWeights
{
    /// <summary>What their names begin with, for instance "mini:clip".</summary>
    public const string Scheme = "mini:";

    private static Func<string, string>? _find;

    /// <summary>From here on these names mean something; without it they are paths like others.</summary>
    /// <param name="find">The path that a name means, or a failure that a user can act on; null: nothing is carried any more.</param>
    public static void Install(Func<string, string>? find) => _find = find;

    /// <summary>Whether a text is such a name.</summary>
    public static bool IsName(string path) => path.StartsWith(Scheme, StringComparison.Ordinal);

    /// <summary>The file or folder that a name means; a path is itself.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Usage: there is no such name; Output: what it means cannot be unpacked.</exception>
    public static string PathOf(string path) => IsName(path) && _find is Func<string, string> find ? find(path) : path;

    /// <summary>What a record keeps, so that it is found from another folder: a name as it is, the full path of all else.</summary>
    public static string Lasting(string path) => IsName(path) ? path : Path.GetFullPath(path);
}
