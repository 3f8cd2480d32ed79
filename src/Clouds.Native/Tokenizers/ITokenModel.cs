namespace Clouds.Native.Tokenizers;

/// <summary>How a language model's text becomes ids, and ids bytes of text.</summary>
internal interface ITokenModel
{
    /// <summary>Number of ids; each is below it.</summary>
    int Count { get; }

    /// <summary>Id of the token in front of texts, where the file tells.</summary>
    int? Start { get; }

    /// <summary>Whether a text that begins with a space has lost it: one was put in front of it when it was encoded.</summary>
    bool DropsFirstSpace { get; }

    /// <summary>Whether each byte of a sequence that is no UTF-8 becomes a sign of replacement of its own.</summary>
    bool ReplacesEachByte { get; }

    /// <summary>The ids of a text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="marks">Whether parts of it that spell special tokens become these; otherwise they are text as any other.</param>
    IReadOnlyList<int> Encode(string text, bool marks);

    /// <summary>Id of a token by its name, for instance "&lt;|eot_id|&gt;".</summary>
    int? IdOf(string token);

    /// <summary>Bytes that an id stands for; of special tokens none.</summary>
    byte[] Bytes(int id);
}
