namespace Clouds.Graph.Weights.Pickle;

/// <summary>What the names in a pickle mean; everything that it does not know is refused by its name.</summary>
internal interface IPickleBuilder
{
    /// <summary>A class or function.</summary>
    PickleGlobal Find(string module, string name);

    /// <summary>What a class or function would have made.</summary>
    /// <param name="type">What <see cref="Find"/> gave, or whatever else the pickle has put there.</param>
    /// <param name="arguments">A <see cref="PickleTuple"/>, unless the pickle is damaged.</param>
    object? Make(object? type, object? arguments);

    /// <summary>Sets up what was made.</summary>
    void SetUp(object? made, object? state);

    /// <summary>What lies outside the pickle.</summary>
    object? Load(object? id);
}
