namespace Clouds.Graph.Randomness;

/// <summary>
/// What tells one <see cref="RandomStream"/> from all others: the words of Philox that stay while its position counts up. Whoever computes draws
/// elsewhere, a GPU for instance, needs this and a position.
/// </summary>
/// <param name="Key0">Low word of the key.</param>
/// <param name="Key1">High word of the key.</param>
/// <param name="Step">Third word of the counter.</param>
/// <param name="Rank">Fourth word of the counter.</param>
public readonly record struct StreamKey(uint Key0, uint Key1, uint Step, uint Rank);
