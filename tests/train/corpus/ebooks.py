"""An invented ebook with all that stands around and between an author's words."""

HEADER = """The Project Gutenberg EBook of The Brass Kettle, by Nobody

This eBook is for the use of anyone anywhere at no cost and with
almost no restrictions whatsoever.

Title: The Brass Kettle

*** START OF THIS PROJECT GUTENBERG EBOOK THE BRASS KETTLE ***




Produced by A Volunteer and the Online Distributed Proofreading
Team at http://www.pgdp.net

[Transcriber's Note: Spelling has been kept as it was.

Italics are given as _italics_.]




THE BRASS KETTLE

by

NOBODY AT ALL

LONDON
PRINTED BY SOMEBODY

1850



CONTENTS


CHAPTER I.  In which it sings               1
CHAPTER II. In which it is silent          12



"""

BODY = """CHAPTER I

IN WHICH IT SINGS


The kettle had sung upon the hob for longer than any person in the
house could remember, and nobody listened to it any more, except the
cat--who listened to _everything_.[1] It had come to the house before
the carpets, and it had seen two of them taken up and beaten and laid
again, and it had never said a word of what it thought of either.

[Illustration: The cat, listening.

From a drawing.]

"It sings," said the cook, who was a woman of few words; "and one day
it'll stop."

     Sing, kettle, on the glowing coal,
       And sing both day and night;
     The water has a human soul,
       The fire has only light.

She wrote to her sister that evening, in a hand that sloped upward as
her spirits did:

     "My dear Ann,--I have nothing to tell you but that the kettle is
     well, and that the cat has taken to the habit of sitting with its
     back to me, which I do not call friendly.

                                         "Your loving sister,
                                                    "MARTHA."

[1] The cat was a tabby.

       *       *       *       *       *

So the winter passed.




CHAPTER II

IN WHICH IT IS SILENT


On the first morning of the spring there was no sound at all, and the
whole of the house woke at once, from the
cellar to the garret, and asked what was the matter. The clock was not
to blame, for it was heard to strike seven as if nothing had happened,
and the wind had gone down in the night.

"Nothing," said the cook. "It's only that it has boiled dry."

THE END




BY THE SAME AUTHOR

THE COPPER PAN. Third Thousand. Cloth, 2s. 6d.
"A work of the first order."--_The Daily Ladle_.


Transcriber's Notes

Page 3, "ketle" changed to "kettle".
"""

FOOTER = """
End of the Project Gutenberg EBook of The Brass Kettle, by Nobody

*** END OF THIS PROJECT GUTENBERG EBOOK THE BRASS KETTLE ***

Updated editions will replace the previous one.
"""

EBOOK = HEADER + BODY + FOOTER
